#include "xsmc.h"
#include "mc.defines.h"
#include "nvs_flash/include/nvs_flash.h"
#include "sdkconfig.h"

#include <string.h>

/* ESP-IDF leaves out without a word what a chip cannot do. */
#if defined(MODDEF_DYNREG_ENCRYPTED) && !defined(CONFIG_NVS_ENCRYPTION)
	#error "NVS is not encrypted: this chip has no HMAC peripheral, or another sdkconfig is used (docs/guides/security.md)"
#endif

/* The partition is mounted as the default one is (nvs_flash_init): with the same keys, if NVS is encrypted. */
static esp_err_t mount(const char *label)
{
#ifdef CONFIG_NVS_ENCRYPTION
	nvs_sec_cfg_t keys;
	volatile unsigned char *bytes = (volatile unsigned char *)&keys;
	size_t i;
	esp_err_t err = nvs_flash_read_security_cfg_v2(nvs_flash_get_default_security_scheme(), &keys);

	if (ESP_OK == err)
		err = nvs_flash_secure_init_partition(label, &keys);
	for (i = 0; i < sizeof(keys); i++)
		bytes[i] = 0;
	return err;
#else
	return nvs_flash_init_partition(label);
#endif
}

/* The next of some words with single spaces between them, without the last character if it is too long; 0 at the end. */
static size_t next(const char **words, char *word, size_t size)
{
	size_t length = strcspn(*words, " ");
	size_t taken = length < size ? length : size - 1;

	memcpy(word, *words, taken);
	word[taken] = 0;
	*words += length + (' ' == (*words)[length]);
	return taken;
}

static esp_err_t readAll(xsMachine *the, nvs_handle_t handle, const char *names)
{
	char name[NVS_KEY_NAME_MAX_SIZE];
	int index = 0;

	xsmcSetNewArray(xsResult, 0);
	while (next(&names, name, sizeof(name))) {
		size_t length = 0;
		esp_err_t err = nvs_get_str(handle, name, NULL, &length);

		xsmcSetUndefined(xsVar(0));
		if (ESP_OK == err) {
			xsmcSetArrayBuffer(xsVar(0), NULL, length);
			err = nvs_get_str(handle, name, xsmcToArrayBuffer(xsVar(0)), &length);
		}
		if ((ESP_OK != err) && (ESP_ERR_NVS_NOT_FOUND != err))
			return err;
		xsmcSetIndex(xsResult, index++, xsVar(0));
	}
	return ESP_OK;
}

/*
	(label of a partition, namespace, names with spaces between them) => an array with a buffer a name, which holds the
	text and a 0, or undefined where there is none; or ESP-IDF's number of an error.

	The partition is not kept mounted: that would take some of the memory that TLS needs.
*/
void xs_dynreg_factory(xsMachine *the)
{
	char label[NVS_PART_NAME_MAX_SIZE + 1], space[NVS_NS_NAME_MAX_SIZE], names[512];
	volatile nvs_handle_t opened = 0;
	nvs_handle_t handle;
	esp_err_t err;

	xsmcVars(1);
	xsmcToStringBuffer(xsArg(0), label, sizeof(label));
	xsmcToStringBuffer(xsArg(1), space, sizeof(space));
	xsmcToStringBuffer(xsArg(2), names, sizeof(names));
	err = mount(label);
	if (ESP_OK != err) {
		xsmcSetInteger(xsResult, err);
		return;
	}
	err = nvs_open_from_partition(label, space, NVS_READONLY, &handle);
	if (ESP_OK == err) {
		opened = handle;
		xsTry {
			if (ESP_OK != (err = readAll(the, opened, names)))
				xsmcSetInteger(xsResult, err);
		}
		xsCatch {
			nvs_close(opened);
			nvs_flash_deinit_partition(label);
			xsThrow(xsException);
		}
		nvs_close(opened);
	}
	else
		xsmcSetInteger(xsResult, err);
	nvs_flash_deinit_partition(label);
}
