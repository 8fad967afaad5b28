import { xs } from "../support/board-hosts.js";
import { cases } from "./cases.js";
import { play } from "./play.js";

play(xs, cases);
