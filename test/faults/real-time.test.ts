import { nodeHost, realTimeHost } from "../support/board-hosts.js";
import { faultCases, oneCaseOfEachKind } from "./fault-cases.js";
import { runFaultCases } from "./run-fault-cases.js";

// Every kind of fault once: that a faster time changes nothing.
runFaultCases(realTimeHost(nodeHost), oneCaseOfEachKind(faultCases));
