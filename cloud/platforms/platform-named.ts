import type { CloudName } from "dynreg/clouds/schemas";
import type { Platform } from "./platform.js";
import { platforms } from "./platforms.js";

export function platformNamed(name: CloudName): Platform {
	return platforms.find((each) => each.name === name) as Platform;
}
