/** ThingsBoard, for commands and documents. Desktop only: no image links this. */

import type { ProfileWith } from "../../contracts/cloud-profile.js";
import { messages } from "./messages.js";
import { thingsboardSchema } from "./schema.js";

export const profile: ProfileWith<typeof thingsboardSchema> = {
	...thingsboardSchema,
	aliases: [],
	// Servers are self-hosted; the names of ThingsBoard Cloud's servers are not established.
	domains: [],
	// The import of devices lets a person assign columns. Its limit is not established.
	deviceImport: { header: "name", rows: 10_000 },
	messages,
	timeService: false,
	roots: [],
};
