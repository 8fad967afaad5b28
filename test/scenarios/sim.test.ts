import { sim } from "../support/board-hosts.js";
import { play } from "./play.js";

play(sim);
