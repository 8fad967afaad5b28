/** The names of registrations in the journal. */
export const operations = {
	register: "register/dps",
	query: "register/dps-status",
	registerOverMqtt: "register/dps-mqtt",
	queryOverMqtt: "register/dps-mqtt-status",
} as const;
