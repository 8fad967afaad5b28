/** Without `open`: there is no memory for a second TLS handshake. */
export { createMqtt } from "dynreg/net/mqtt";
