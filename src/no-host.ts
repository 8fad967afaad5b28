/** What `dynreg/host` is in Node, which has no ports of its own: pass the `host` of `@dynreg/node`. */

import type { RawConfiguration } from "../modules/contracts/cloud.js";
import type { Host } from "../modules/contracts/host.js";

export const createHost = (): Host => {
	throw new Error("There is no board here. Pass a host to Device: createHost() of @dynreg/node.");
};

/** Without an image there is no configuration of one. */
export const readConfiguration = (): RawConfiguration => ({});
