import { RegistrationRefusal } from "../platforms/registration-refusal.js";
import type { Product } from "./product.js";

/** @throws RegistrationRefusal `limit-reached` */
export function refuseIfFull({ id, automatic, limit }: Product): void {
	if (automatic < limit) return;
	throw new RegistrationRefusal(
		"limit-reached",
		`Registration has created ${automatic} devices of product ${id}, and its "limit" is ${limit}. Raise the limit, or delete devices.`,
	);
}

/** @throws RegistrationRefusal `registration-off` */
export function refuseIfOff({ id, registration }: Product): void {
	if (registration !== "off") return;
	const reason = `Dynamic registration of product ${id} is off. Set "registration" to another mode.`;
	throw new RegistrationRefusal("registration-off", reason);
}
