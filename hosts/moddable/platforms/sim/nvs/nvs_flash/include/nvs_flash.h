/*
	In the place of ESP-IDF's: the few functions that esp32/factory.c needs, with the same types, and numbers of errors.
	Instead of flash there is a file of the partition's name, `fctry.csv`, as ESP-IDF's NVS Partition Generator takes it.
*/

#ifndef DYNREG_NVS_FLASH_H
#define DYNREG_NVS_FLASH_H

#include <stddef.h>
#include <stdint.h>

typedef int esp_err_t;
typedef uint32_t nvs_handle_t;
typedef enum { NVS_READONLY, NVS_READWRITE } nvs_open_mode_t;

#define ESP_OK 0
#define ESP_FAIL -1
#define ESP_ERR_NOT_FOUND 0x105
#define ESP_ERR_NOT_ALLOWED 0x10d
#define ESP_ERR_NVS_NOT_FOUND 0x1102
#define ESP_ERR_NVS_INVALID_LENGTH 0x110c
#define NVS_PART_NAME_MAX_SIZE 16
#define NVS_KEY_NAME_MAX_SIZE 16
#define NVS_NS_NAME_MAX_SIZE NVS_KEY_NAME_MAX_SIZE

esp_err_t nvs_flash_init_partition(const char *partition_label);
esp_err_t nvs_flash_deinit_partition(const char *partition_label);
esp_err_t nvs_open_from_partition(
	const char *part_name, const char *namespace_name, nvs_open_mode_t open_mode, nvs_handle_t *out_handle);
esp_err_t nvs_get_str(nvs_handle_t handle, const char *key, char *out_value, size_t *length);
void nvs_close(nvs_handle_t handle);

#endif
