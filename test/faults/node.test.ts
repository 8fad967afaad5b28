import { cases } from "./cases.js";
import { node } from "./place.js";
import { play } from "./play.js";

play(node, cases);
