import type { FactoryContents } from "../../../../modules/local-control/factory.js";

/** An ESP8266 has no partitions that its tools could write such things to: what is its own stands in the image. */
export const readFactory = (_label: string): FactoryContents => ({ state: "absent" });
