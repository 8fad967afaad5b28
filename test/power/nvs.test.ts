import { Nvs } from "./nvs.js";
import { trials } from "./trials.js";

// So often that a page is freed meanwhile.
trials("ESP32", () => new Nvs(), 153);
