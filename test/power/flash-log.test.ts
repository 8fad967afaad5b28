import { FlashLog } from "./flash-log.js";
import { testPowerCuts } from "./power-cut-tests.js";

// So often that everything is moved to the other sector meanwhile.
testPowerCuts("ESP8266 with storage: flash-log", () => new FlashLog(), 50);
