import { xs } from "../support/board-hosts.js";
import { play } from "./play.js";

play(xs);
