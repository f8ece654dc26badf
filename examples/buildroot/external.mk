include $(BR2_EXTERNAL_CROSSBUILD_PATH)/pkg-crossbuild.mk
include $(sort $(wildcard $(BR2_EXTERNAL_CROSSBUILD_PATH)/package/*/*.mk))
