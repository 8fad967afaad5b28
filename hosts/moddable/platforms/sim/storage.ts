import { preferences } from "dynreg/device/preferences";
import type { Storage } from "../../../../modules/contracts/host.js";

export const createStorage = (): Storage => preferences;
