"""What a sender could put in a header."""

TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><style>*{display:none}</style>",
    "</title><meta http-equiv=refresh content='0;url=//evil.example'>",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "zero\u200bwidth\u200d\ufeff\u2060",
    "z" + "\u0351\u0352\u0353\u0334" * 50 + "algo",
    "x" * 10_000,
    "one\ntwo\r\n\tthree\u2028four\x85five",
    "nul\x00bell\x07escape\x1b[31m",
    "{{7*7}} ${7*7} {% raw %}{# no #}",
    "lone \ud800 surrogate \udfff",
    "&lt;b&gt; &amp; ' ` = /*",
    "\u3164\u3164",
    "नमस्ते שלום 你好 👩‍👩‍👧",
)

ADDRESSES = (
    *(f"{text}@{text}" for text in TEXTS),
    "jürgen@grünblick.example",
    "no-at-sign",
    "@",
    "",
    "javascript:alert(1)@evil.example",
    "a@" + "b" * 10_000 + ".example",
)
