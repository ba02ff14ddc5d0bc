"""A vault that keeps its secrets in memory."""


class MemoryVault:
    def __init__(self, **secrets: str) -> None:
        self.secrets = secrets

    def get(self, name: str) -> str | None:
        return self.secrets.get(name)

    def put(self, name: str, secret: str) -> None:
        self.secrets[name] = secret
