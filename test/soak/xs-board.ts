/**
 * The board on the bare XS engine: each look at the heap is a `message` event, after which its meters are read from
 * outside. With `unhurried` in its configuration its sleeps are not cut short: its time is made up.
 */

import { createHost, readConfiguration } from "dynreg/host";
import { hurried } from "./hurried.js";
import { live } from "./life.js";

/** The engine's own. */
declare const gc: () => void;

const configuration = readConfiguration();
const host = createHost();

live("unhurried" in configuration ? host : hurried(host), configuration, () => {
	gc();
	host.log({ event: "message", topic: "heap", payload: "" });
});
