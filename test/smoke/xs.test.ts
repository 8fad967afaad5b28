import { smoke } from "./smoke.js";

smoke({ name: "xs", patience: 8, options: ["--host", "xs"] });
