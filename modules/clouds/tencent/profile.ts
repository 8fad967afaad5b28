/** Tencent Cloud, for commands and documents. Desktop only: no image links this. */

import type { ProfileWith } from "../../contracts/cloud-profile.js";
import { messages } from "./messages.js";
import { tencentSchema } from "./schema.js";

export const profile: ProfileWith<typeof tencentSchema> = {
	...tencentSchema,
	aliases: ["tencentcloud", "tencentyun", "qcloud"],
	domains: ["tencentdevices.com"],
	// 24 letters and digits in the vendor's samples; a device's psk is base64 of 16 bytes.
	productSecretLength: 24,
	deviceSecret: { pattern: "^[A-Za-z0-9+/]{22}==$", description: "a device's psk, which ends in ==" },
	// 100 at a time (`CreateMultiDevice`, vendor's SDKs); for its console's upload no limit is published.
	deviceImport: { header: "DeviceName", rows: 100 },
	messages,
	// Those of its C SDK 3.3.0 (`qcloud_iot_ca.c`), and the public root's successor, so that a server may move on.
	roots: [
		{
			name: "tencent-iothub",
			subject: "Tencent Iothub (www.tencent.com)",
			vouchesFor: "broker at 8883, all regions; registration by v1",
			sha256: "3b1fa1e1149e3f3bd3722730dbef9eb72ec4b9fd95553063a9c60ba62778e740",
			expires: "2032-11-23",
			source: {
				publishedAt:
					"Tencent's C SDK (tencentyun/qcloud-iot-sdk-embedded-c, sdk_src/utils/qcloud_iot_ca.c, the first one), or the console beside a device's certificate",
			},
		},
		{
			name: "digicert-global-root-ca",
			subject: "DigiCert Global Root CA",
			vouchesFor: "registration, all regions",
			sha256: "4348a0e9444c78cb265e058d5e8944b4d84f9662bd26db257f8934a443c70161",
			expires: "2031-11-10",
			source: { sdk: "ca106.der" },
		},
		{
			name: "digicert-global-root-g2",
			subject: "DigiCert Global Root G2",
			vouchesFor: "the same, its successor",
			sha256: "cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f",
			expires: "2038-01-15",
			source: { sdk: "ca170.der" },
		},
	],
};
