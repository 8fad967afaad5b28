import { xsHost } from "../support/board-hosts.js";
import { faultCases } from "./fault-cases.js";
import { runFaultCases } from "./run-fault-cases.js";

runFaultCases(xsHost, faultCases);
