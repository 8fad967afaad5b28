import { sim } from "../support/board-hosts.js";
import { cases, oneOfEach } from "./cases.js";
import { play } from "./play.js";

// All of them take eight minutes.
play(sim, process.env.FAULTS === "all" ? cases : oneOfEach(cases));
