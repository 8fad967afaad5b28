import { RenamedFile } from "./files.js";
import { testPowerCuts } from "./power-cut-tests.js";

testPowerCuts("a file that is replaced", () => new RenamedFile(), 0);
