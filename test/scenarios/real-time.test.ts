import { nodeHost, realTimeHost } from "../support/board-hosts.js";
import { runScenarios } from "./run-scenarios.js";
import { scenarios } from "./scenarios.js";

/** Those in which a board waits, and a few more: that a faster time changes nothing. */
const sample = /\(invariants? (6|7|1 and 7)\)|late answer|asks a time server|clock-unknown/;

runScenarios(
	realTimeHost(nodeHost),
	scenarios.filter(({ name }) => sample.test(name)),
);
