import { node } from "../support/board-hosts.js";
import { play } from "./play.js";

play(node);
