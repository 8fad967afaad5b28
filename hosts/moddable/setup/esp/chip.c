#include "xsmc.h"
#include "xsHost.h"

#if ESP32
	#include "esp_wifi.h"
#else
	#include "user_interface.h"
#endif

/* As in the SDK's examples/network/wifi/webConfigWifi. */
void xs_dynreg_setup_restart(xsMachine *the)
{
#if ESP32
	esp_restart();
#else
	system_restart();
#endif
}

/* How many phones have joined the access point. */
void xs_dynreg_setup_guests(xsMachine *the)
{
#if ESP32
	wifi_sta_list_t list;
	xsmcSetInteger(xsResult, ESP_OK == esp_wifi_ap_get_sta_list(&list) ? list.num : 0);
#else
	xsmcSetInteger(xsResult, wifi_softap_get_station_num());
#endif
}
