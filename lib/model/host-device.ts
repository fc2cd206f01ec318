/** "0000:3b:00.0": domain, bus, slot, function, as `lspci -D` prints it. */
export const PCI_ADDRESS = /^([0-9a-f]{4}):([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/;

/** "0781:5567": vendor and product, as `lsusb` prints it. */
export const USB_ID = /^([0-9a-f]{4}):([0-9a-f]{4})$/;
