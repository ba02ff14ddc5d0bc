// For `node --require`: every listening socket stays on loopback, and the process ends with the one that started it.
const { Server } = require("node:net");

const listen = Server.prototype.listen;
Server.prototype.listen = function (first, ...rest) {
  if (typeof first === "number") {
    return listen.call(this, first, "127.0.0.1", ...rest.filter((one) => typeof one !== "string"));
  }
  const local = first !== null && typeof first === "object" && "port" in first;
  return listen.call(this, local ? { ...first, host: "127.0.0.1" } : first, ...rest);
};

process.stdin.on("end", () => process.exit()).resume();
