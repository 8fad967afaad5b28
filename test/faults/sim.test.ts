import { simulatorHost } from "../support/board-hosts.js";
import { faultCases } from "./fault-cases.js";
import { runFaultCases } from "./run-fault-cases.js";

runFaultCases(
	simulatorHost,
	faultCases.filter(({ skipsSimulator }) => !skipsSimulator),
);
