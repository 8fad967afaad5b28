import { Nvs } from "./nvs.js";
import { testPowerCuts } from "./power-cut-tests.js";

// So often that a page is freed meanwhile.
testPowerCuts("ESP32", () => new Nvs(), 153);
