import { xs } from "./driver.js";
import { play } from "./play.js";

play(xs);
