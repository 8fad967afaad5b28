import { RenamedFile } from "./files.js";
import { trials } from "./trials.js";

trials("a file that is replaced", () => new RenamedFile(), 0);
