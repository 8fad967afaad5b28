import { sim } from "./driver.js";
import { play } from "./play.js";

play(sim);
