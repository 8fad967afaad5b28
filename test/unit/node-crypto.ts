import { createHost } from "../../hosts/node/host.js";

/** The real thing, on Node. */
export const { crypto } = createHost({ log: () => {} });
