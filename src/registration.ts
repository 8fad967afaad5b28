import { register as registerOverHttp } from "dynreg/registration-http";
import { register as registerOverMqtt } from "dynreg/registration-mqtt";
import type { Exchange } from "../modules/contracts/cloud.js";
import type { Credential } from "../modules/contracts/credential.js";
import type { Host } from "../modules/contracts/host.js";

/**
 * Performs a registration. An image with one cloud that registers over HTTP only has `registration-http.ts` in place of this
 * module.
 *
 * @throws Failure
 */
export const register = (host: Host, exchange: Exchange): Promise<Credential> =>
	"request" in exchange ? registerOverHttp(host, exchange) : registerOverMqtt(host, exchange);
