/** The board on the bare XS engine: each look at the heap is a `message` event, after which its meters are read from outside. */

import { createHost, readConfiguration } from "dynreg/host";
import { hurried } from "./hurried.js";
import { live } from "./life.js";

/** The engine's own. */
declare const gc: () => void;

const host = createHost();

live(hurried(host), readConfiguration(), () => {
	gc();
	host.log({ event: "message", topic: "heap", payload: "" });
});
