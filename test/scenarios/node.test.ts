import { node } from "./driver.js";
import { play } from "./play.js";

play(node);
