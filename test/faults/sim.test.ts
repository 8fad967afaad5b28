import { sim } from "../support/board-hosts.js";
import { cases } from "./cases.js";
import { play } from "./play.js";

play(sim, cases);
