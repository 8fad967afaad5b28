import { preferences } from "dynreg/ports/preferences";
import type { Storage } from "../../../modules/contracts/host.js";

export function createStorage(): Storage {
	return preferences;
}
