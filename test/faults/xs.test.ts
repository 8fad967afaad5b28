import { cases } from "./cases.js";
import { xs } from "./place.js";
import { play } from "./play.js";

play(xs, cases);
