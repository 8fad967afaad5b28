import { FlashLog } from "./flash-log.js";
import { trials } from "./trials.js";

// So often that everything is moved to the other sector meanwhile.
trials("ESP8266 with vault: flash", () => new FlashLog(), 50);
