import type { MqttStep, SessionPlan, TimeService } from "dynreg/contracts/cloud";
import type { Credential } from "dynreg/contracts/credential";

/** The credential that a registration's last step has returned. @throws Error if it is another step, or nothing */
export function credentialOf(outcome: Credential | MqttStep | { request: unknown } | undefined): Credential {
	if (!outcome || !("kind" in outcome)) throw new Error("no credential");
	return outcome;
}

/** @throws Error if the platform has none */
export function timeOf({ time }: SessionPlan): TimeService {
	if (!time) throw new Error("no time service");
	return time;
}
