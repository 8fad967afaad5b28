import { xsHost } from "../support/board-hosts.js";
import { runScenarios } from "./run-scenarios.js";

runScenarios(xsHost);
