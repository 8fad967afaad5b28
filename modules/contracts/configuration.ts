/** Written by `npm run docs` from the schemas (`modules/configuration/schema.ts`). Do not edit. */

/** Keys of every cloud. */
export type SharedConfiguration = {
	/** The addresses of both servers as one object in a file: `{"register": …, "mqtt": …}`. */
	readonly endpoints?: { readonly register?: string; readonly mqtt?: string };
	/** Certificate authorities to trust instead of the platform's: files on a desktop, resource names on a board. One name, or several in a list or separated by commas. `public` is the host's own store. Expected the name of a certificate file, or a list of names. Default: the platform's. */
	readonly ca?: string | readonly string[];
	/** Allows `http://` and `mqtt://` endpoints, which send everything in plain text. For tests only. Default: `false`. */
	readonly dangerouslyAllowPlain?: boolean | "true" | "false";
	/** Seconds. The first request is delayed by a random time up to this value. So is the first reconnect after a lost session, by 5 s to 5 min. Raise the value for a large fleet. Expected a whole number from 0 to 3600. Default: `3`. */
	readonly startupJitter?: number | `${number}`;
	/** @deprecated The former name of `startupJitter`. Not read from version 0.2.0 on. */
	readonly spread?: number | `${number}`;
	/** Time servers to ask before the public ones, in a list or separated by commas. A desktop uses the computer's clock instead of public servers. Expected host or host:port, one or several. */
	readonly sntp?: string | readonly string[];
	/** A web server whose `Date` header sets the clock if no time server responds. Expected http://host or http://host:port. */
	readonly httpTimeServer?: `http://${string}`;
	/** @deprecated The former name of `httpTimeServer`. Not read from version 0.2.0 on. */
	readonly dateFrom?: `http://${string}`;
	/** Boards only. The Wi-Fi network. */
	readonly ssid?: string;
	/** Boards only. The network's password; none for an open network. */
	readonly password?: string;
	/** Boards only. The pin of a button that erases the credential. Expected a whole number from 0 to 48, or none. Default: `0`. */
	readonly button?: number | `${number}` | "none";
	/** Boards only. The pin of the light for `button`. Expected a whole number from 0 to 48, or none. Default: `2`. */
	readonly led?: number | `${number}` | "none";
	/** ESP8266 only. `flash-log` keeps the credential safe from power cuts. It needs 4 MB of flash and no file system. Default: the SDK's preferences. */
	readonly storage?: "flash-log";
	/** @deprecated The former name of `storage`. Not read from version 0.2.0 on. */
	readonly vault?: "flash";
	/** Boards only. When set-up mode opens again on a board with a network. `button`: by the button or the console. `lost`: also ten minutes after power-up without the network, once. Default: `button`. */
	readonly setup?: "button" | "lost";
	/** Boards only. The name of the set-up mode's access point. Default: `dynreg-` and the last four digits of the MAC address. */
	readonly setupName?: string;
	/** Boards only. The access point's WPA2 password, printed on a label of the product. */
	readonly setupPassword?: string;
	/** Boards only. Instead of `setupPassword`: each board has a password of its own, derived from this secret and its MAC address. For this purpose only, never the product's secret. A reader of the image knows the password of each board. */
	readonly setupSecret?: string;
	/** Boards only. The address of the set-up page. A chip has no other than the default. Expected an IPv4 address, such as 192.168.4.1. Default: `192.168.4.1`. */
	readonly setupAddress?: string;
	/** Boards only. Opens set-up mode's access point without a password: anyone near can read the customer's password and choose the network. For tests only. Default: `false`. */
	readonly dangerouslyOpenSetup?: boolean | "true" | "false";
	/** ESP32 only. The label of the factory partition, whose product overrides the image's. Expected 1 to 16 characters from a-z A-Z 0-9 _ -, but not nvs. Default: `fctry`. */
	readonly factoryPartition?: string;
	/** @deprecated The former name of `factoryPartition`. Not read from version 0.2.0 on. */
	readonly factory?: string;
};

/** A device's configuration for Tencent Cloud. */
export type TencentConfiguration = SharedConfiguration & {
	/** The product's cloud. Default: `tencent`. */
	readonly cloud?: "tencent";
	/** The product's id, from the console. Expected 1 to 10 letters and digits. */
	readonly productId: string;
	/** The product's secret, as the console shows it. A device with a credential does not need it. Expected 16 to 64 characters without spaces, as the console shows it. */
	readonly productSecret?: string;
	/** `hub` is IoT Hub. `explorer` is IoT Explorer: its products register with v1 and use the data template's topics. Default: `hub`. */
	readonly service?: "hub" | "explorer";
	/** The product's region. Default: `china`. */
	readonly region?: "china" | "us-east" | "europe" | "ap-bangkok";
	/** The device's name within its product. Expected 1 to 48 characters from a-z A-Z 0-9 : _ -. Default: the MAC address, 12 hexadecimal digits; on a desktop the computer's. */
	readonly deviceName?: string;
	/** How the product authenticates. The platform decides. With `certificate`, a board whose flash cannot hold a certificate reports that before it registers. */
	readonly auth?: "key" | "certificate";
	/** The device's client certificate, for products with a private authority: PEM text, or on a desktop a file. */
	readonly clientCertificate?: string;
	/** The RSA key of `clientCertificate`. */
	readonly clientKey?: string;
	/** `v2` registers with `POST /device/register`, `v1` with `POST /register/dev`. Default: `v2`; with `service` `explorer`: `v1`. */
	readonly protocol?: "v2" | "v1";
	/** The HMAC of v2 registration and of sessions. v1 registration always uses HMAC-SHA1. Default: `hmacsha256`. */
	readonly signMethod?: "hmacsha256" | "hmacsha1";
	/** The registration server. Expected https://host or https://host:port. Default: the platform's in the region. */
	readonly "endpoints.register"?: `https://${string}` | `http://${string}`;
	/** The MQTT broker. Expected mqtts://host or mqtts://host:port. Default: the product's in the region. */
	readonly "endpoints.mqtt"?: `mqtts://${string}` | `mqtt://${string}`;
	/** Seconds without traffic after which the device pings the broker. A dead connection is detected after 1.5 times this period. Expected a whole number from 30 to 900. Default: `240`. */
	readonly keepAlive?: number | `${number}`;
};

/** A device's configuration for Alibaba Cloud. */
export type AliyunConfiguration = SharedConfiguration & {
	/** The product's cloud. */
	readonly cloud: "aliyun";
	/** The product's key, from the console. Expected 1 to 20 letters and digits. */
	readonly productKey: string;
	/** The product's secret, as the console shows it. A device with a credential does not need it. Expected 1 to 64 characters without spaces, as the console shows it. */
	readonly productSecret?: string;
	/** `register`: device names are created in the console first. `regnwl`: registration-free, and up to five devices may share a name. Default: `register`. */
	readonly authType?: "register" | "regnwl";
	/** The id of your own instance, from the console. The instance's hosts replace the region's. Expected 1 to 40 characters from a-z A-Z 0-9 -. */
	readonly instanceId?: string;
	/** The product's region. Default: `cn-shanghai`. */
	readonly region?:
		| "cn-shanghai"
		| "cn-beijing"
		| "ap-southeast-1"
		| "ap-northeast-1"
		| "us-west-1"
		| "us-east-1"
		| "eu-central-1";
	/** The device's name within its product. Expected 4 to 32 characters from a-z A-Z 0-9 _ @ . : -. Default: the MAC address, 12 hexadecimal digits; on a desktop the computer's. */
	readonly deviceName?: string;
	/** How to register. `https` is for `authType` `register` only. Default: `mqtt`. */
	readonly registrationTransport?: "mqtt" | "https";
	/** @deprecated The former name of `registrationTransport`. Not read from version 0.2.0 on. */
	readonly via?: "mqtt" | "https";
	/** The HMAC of registration and of sessions. Default: `hmacsha256`. */
	readonly signMethod?: "hmacsha256" | "hmacsha1" | "hmacmd5";
	/** The registration server. Expected mqtts://host or mqtts://host:port; with registrationTransport https, https://host or https://host:port. Default: `endpoints.mqtt`; with `registrationTransport` `https`: the platform's in the region. */
	readonly "endpoints.register"?: `mqtts://${string}` | `mqtt://${string}` | `https://${string}` | `http://${string}`;
	/** The MQTT broker. Expected mqtts://host or mqtts://host:port. Default: the product's in the region, or the instance's. */
	readonly "endpoints.mqtt"?: `mqtts://${string}` | `mqtt://${string}`;
	/** Seconds without traffic after which the device pings the broker. A dead connection is detected after 1.5 times this period. Expected a whole number from 30 to 1200. Default: `240`. */
	readonly keepAlive?: number | `${number}`;
};

/** A device's configuration for AWS IoT Core. */
export type AwsConfiguration = SharedConfiguration & {
	/** The product's cloud. */
	readonly cloud: "aws";
	/** The name of the provisioning template. Expected 1 to 36 characters from a-z A-Z 0-9 _ -. */
	readonly templateName: string;
	/** The claim certificate, shared by all devices: PEM text, or on a desktop a file. A device with a credential does not need it. */
	readonly claimCertificate?: string;
	/** The RSA key of `claimCertificate`. */
	readonly claimKey?: string;
	/** The part of the account's data endpoint before `-ats.iot.`, from the console. Unnecessary with `endpoints.mqtt`. Expected 1 to 40 characters from a-z A-Z 0-9 -. */
	readonly endpointPrefix?: string;
	/** The endpoint's region. In China, set `endpoints.mqtt`. Expected 1 to 20 characters from a-z A-Z 0-9 -. Default: `us-east-1`. */
	readonly region?: string;
	/** The device's name within its product. Expected 1 to 128 characters from a-z A-Z 0-9 : _ -. Default: the MAC address, 12 hexadecimal digits; on a desktop the computer's. */
	readonly deviceName?: string;
	/** Parameters of the template besides `SerialNumber`, which is the device name: `Location=Seattle,Batch=7`. */
	readonly templateParameters?: string;
	/** The topic of commands to the device. `{thingName}` stands for the thing's name. Expected 1 to 128 characters from a-z A-Z 0-9 { } / $ : . _ -. Default: `{thingName}/control`. */
	readonly controlTopic?: string;
	/** The topic of events from the device. `{thingName}` stands for the thing's name. Expected 1 to 128 characters from a-z A-Z 0-9 { } / $ : . _ -. Default: `{thingName}/event`. */
	readonly eventTopic?: string;
	/** The MQTT broker, for registration and sessions. Expected mqtts://host or mqtts://host:port. Default: the account's data endpoint, from `endpointPrefix` and `region`. */
	readonly "endpoints.mqtt"?: `mqtts://${string}` | `mqtt://${string}`;
	/** Seconds without traffic after which the device pings the broker. A dead connection is detected after 1.5 times this period. Expected a whole number from 30 to 1200. Default: `240`. */
	readonly keepAlive?: number | `${number}`;
};

/** A device's configuration for Azure. */
export type AzureConfiguration = SharedConfiguration & {
	/** The product's cloud. */
	readonly cloud: "azure";
	/** The ID scope of the Device Provisioning Service, from the portal. Expected 1 to 32 letters and digits. */
	readonly idScope: string;
	/** The device's own key: of its individual enrollment, or derived from its group's. `dynreg factory` derives the keys of a batch. A device with a credential does not need it. Expected base64 of 16 to 64 bytes, as the console shows it. */
	readonly deviceKey?: string;
	/** The key of the enrollment group, for `dynreg factory`. On a device it has no effect without `dangerouslyUseGroupKey`. Expected base64 of 16 to 64 bytes, as the console shows it. */
	readonly productSecret?: string;
	/** Lets a device derive its key from `productSecret`. An attacker who reads the group's key in one device can impersonate every device of the group, and the vendor says to keep it off devices. For tests only. Default: `false`. */
	readonly dangerouslyUseGroupKey?: boolean | "true" | "false";
	/** The device's registration id. Capital letters become small ones. Expected 1 to 128 characters from a-z A-Z 0-9 - . _ :, none of . _ : at the end. Default: the MAC address, 12 hexadecimal digits; on a desktop the computer's. */
	readonly deviceName?: string;
	/** How to register. Default: `https`. */
	readonly registrationTransport?: "https" | "mqtt";
	/** @deprecated The former name of `registrationTransport`. Not read from version 0.2.0 on. */
	readonly via?: "https" | "mqtt";
	/** Seconds for which each token (SAS) is valid. The device reconnects with another one after 75 to 95 % of this time. The longest that the platform accepts is not established. Expected a whole number from 80 to 31536000. Default: `3600`. */
	readonly tokenLifetime?: number | `${number}`;
	/** The provisioning service. Expected https://host or https://host:port; with registrationTransport mqtt, mqtts://host or mqtts://host:port. Default: `global.azure-devices-provisioning.net`. */
	readonly "endpoints.register"?: `https://${string}` | `http://${string}` | `mqtts://${string}` | `mqtt://${string}`;
	/** Where to connect instead of the assigned hub, whose name the device still gives. For a local cloud or a proxy. Expected mqtts://host or mqtts://host:port. Default: the hub that registration assigns. */
	readonly "endpoints.mqtt"?: `mqtts://${string}` | `mqtt://${string}`;
	/** Seconds without traffic after which the device pings the broker. A dead connection is detected after 1.5 times this period. Expected a whole number from 30 to 1177. Default: `240`. */
	readonly keepAlive?: number | `${number}`;
};

/** A device's configuration for ThingsBoard. */
export type ThingsboardConfiguration = SharedConfiguration & {
	/** The product's cloud. */
	readonly cloud: "thingsboard";
	/** The device profile's provision device key. Expected 1 to 64 characters from a-z A-Z 0-9 _ -. */
	readonly provisionKey: string;
	/** The server's host name, with MQTT over TLS at port 8883 and HTTPS at port 443. Expected 1 to 128 characters from a-z A-Z 0-9 . -. */
	readonly host: string;
	/** The product's secret, as the console shows it. A device with a credential does not need it. Expected 1 to 64 characters without spaces, as the console shows it. */
	readonly productSecret?: string;
	/** The device's name within its product. Expected 1 to 128 characters from a-z A-Z 0-9 _ @ . : -. Default: the MAC address, 12 hexadecimal digits; on a desktop the computer's. */
	readonly deviceName?: string;
	/** What the device registers with: an access token, or client id, user name and password (`MQTT_BASIC`). The server decides for devices that were created beforehand. Default: `token`. */
	readonly credentials?: "token" | "basic";
	/** The server's HTTP API. Expected https://host or https://host:port. Default: `host` at port 443. */
	readonly "endpoints.register"?: `https://${string}` | `http://${string}`;
	/** The MQTT broker. Expected mqtts://host or mqtts://host:port. Default: `host` at port 8883. */
	readonly "endpoints.mqtt"?: `mqtts://${string}` | `mqtt://${string}`;
	/** Seconds without traffic after which the device pings the broker. A dead connection is detected after 1.5 times this period. Expected a whole number from 30 to 1200. Default: `240`. */
	readonly keepAlive?: number | `${number}`;
};

/** A device's configuration for Volcengine. */
export type VolcengineConfiguration = SharedConfiguration & {
	/** The product's cloud. */
	readonly cloud: "volcengine";
	/** The product's key, from the console. Expected 1 to 64 characters from a-z A-Z 0-9 _ -. */
	readonly productKey: string;
	/** The product's secret, as the console shows it. A device with a credential does not need it. Expected 16 to 64 characters without spaces, as the console shows it. */
	readonly productSecret?: string;
	/** The id of the product's instance, from the console. Expected 1 to 40 characters from a-z A-Z 0-9 -. */
	readonly instanceId: string;
	/** The platform's `auth_type`. `pre-registration` (0): device names are created in the console first. `no-pre-registration` (1): any name. Default: `pre-registration`. */
	readonly authType?: "pre-registration" | "no-pre-registration";
	/** The product's region. Default: `cn-shanghai`. */
	readonly region?: "cn-shanghai";
	/** The device's name within its product. Expected 1 to 128 characters from a-z A-Z 0-9 _ - . : @. Default: the MAC address, 12 hexadecimal digits; on a desktop the computer's. */
	readonly deviceName?: string;
	/** The registration server. Expected https://host or https://host:port. Default: the platform's in the region. */
	readonly "endpoints.register"?: `https://${string}` | `http://${string}`;
	/** The MQTT broker. Set the host that the console shows, if it is another. Expected mqtts://host or mqtts://host:port. Default: the instance's in the region. */
	readonly "endpoints.mqtt"?: `mqtts://${string}` | `mqtt://${string}`;
	/** Seconds without traffic after which the device pings the broker. A dead connection is detected after 1.5 times this period. Expected a whole number from 30 to 1200. Default: `240`. */
	readonly keepAlive?: number | `${number}`;
};

/** A device's configuration, checked by the compiler where an application writes one. */
export type Configuration =
	| TencentConfiguration
	| AliyunConfiguration
	| AwsConfiguration
	| AzureConfiguration
	| ThingsboardConfiguration
	| VolcengineConfiguration;
