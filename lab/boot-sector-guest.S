# A guest of 512 bytes: says that it runs, counts its boots on its disk, and obeys (or not) the power button.
        .code16
        .set COM1, 0x3f8
        .set PM1_STS, 0x600             # where SeaBIOS puts ACPI on q35 and pc
        .set PM1_EN, 0x602
        .set PM1_CNT, 0x604
        .set BUTTON, 0x100
        .set BUFFER, 0x8000
        .set TICKS, 0x46c               # the BIOS counts the timer here, 18.2 Hz
        .globl _start
_start: ljmp $0, $1f
1:      xorw %ax, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        movw $0x7c00, %sp
        sti
        cld
        movb %dl, drive
        # Before the first word, so that whoever has read it can press the button.
        inb $0xa1, %al                  # the button is polled: no interrupt of ACPI (IRQ 9)
        orb $2, %al
        outb %al, $0xa1
        movw $PM1_EN, %dx
        movw $BUTTON, %ax
        outw %ax, %dx
        movw $up, %si
        call print
        movb $0x42, %ah                 # read the counter's sector
        call disk
        jc wait
        incl BUFFER
        movw $0x4300, %ax               # and write it, one more
        call disk
        jc wait
        movw $boots, %si
        call print
        movl BUFFER, %eax
        call number
        movw $end, %si
        call print
wait:   hlt
        movw $PM1_STS, %dx
        inw %dx, %ax
        testw $BUTTON, %ax
        jz wait
        movw $BUTTON, %ax               # a written 1 clears it
        outw %ax, %dx
        movw $button, %si
        call print
        movw delay, %cx
        cmpw $0xffff, %cx               # stubborn
        je wait
        jcxz off
3:      movw TICKS, %bx                 # changes are counted, as the BIOS begins anew at midnight
4:      hlt
        cmpw TICKS, %bx
        je 4b
        loop 3b
off:    movw $PM1_CNT, %dx
        movw $0x2000, %ax
        outw %ax, %dx
        jmp wait
disk:   movb drive, %dl
        movw $packet, %si
        int $0x13
        ret
print:  lodsb
        testb %al, %al
        jz 4f
        call put
        jmp print
4:      ret
put:    movb %al, %ah
        movw $COM1+5, %dx
5:      inb %dx, %al
        testb $0x20, %al
        jz 5b
        movb %ah, %al
        movw $COM1, %dx
        outb %al, %dx
        ret
number: xorl %edx, %edx
        movl $10, %ebx
        divl %ebx
        pushw %dx
        testl %eax, %eax
        jz 6f
        call number
6:      popw %ax
        addb $'0', %al
        jmp put
packet: .byte 16, 0
        .word 1, BUFFER, 0
        .quad 1
drive:  .byte 0
up:     .asciz "\r\nGUEST UP\r\n"
boots:  .asciz "DISK vda BOOTS "
button: .asciz "POWER BUTTON\r\n"
end:    .asciz "\r\n"
        .org 508
delay:  .word 0                         # ticks between the button and off (0xffff: never); boot-sector-guest.ts sets it
        .word 0xaa55
