/** AWS IoT Core, for commands and documents. Desktop only: no image links this. */

import type { ProfileWith } from "../../contracts/cloud-profile.js";
import { messages } from "./messages.js";
import { awsSchema } from "./schema.js";

export const profile: ProfileWith<typeof awsSchema> = {
	...awsSchema,
	aliases: ["amazon", "awsiot", "amazonwebservices"],
	domains: ["amazonaws.com"],
	deviceImport: {
		header: "SerialNumber",
		rows: 10_000,
		unnecessary: () => "the template creates a thing for each serial number that registers",
	},
	messages,
	timeService: false,
	// Of the data endpoints' chains (vendor documentation, "server authentication"): the first one has signed the second.
	roots: [
		{
			name: "starfield-services-root-g2",
			subject: "Starfield Services Root Certificate Authority - G2",
			vouchesFor: "broker at 8883, all regions but China",
			sha256: "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
			expires: "2037-12-31",
			source: { sdk: "ca222.der" },
		},
		{
			name: "amazon-root-ca-1",
			subject: "Amazon Root CA 1",
			vouchesFor: "the same; only for a board with it in ca",
			sha256: "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
			expires: "2038-01-17",
			source: { publishedAt: "https://www.amazontrust.com/repository/AmazonRootCA1.pem" },
		},
	],
};
