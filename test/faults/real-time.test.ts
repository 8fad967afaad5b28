import { node, unscaled } from "../support/board-hosts.js";
import { cases, oneOfEach } from "./cases.js";
import { play } from "./play.js";

// Every kind of fault once: that a faster time changes nothing.
play(unscaled(node), oneOfEach(cases));
