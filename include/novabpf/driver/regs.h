/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BAR0 registers of Turing to Ada for the boot and the message queues of GSP. Bare
 * numbers: the core and the device model share these and nothing else.
 */
#ifndef NOVABPF_REGS_H
#define NOVABPF_REGS_H

/* PMC */
#define NV_PMC_BOOT_0				0x00000000
#define NV_PMC_BOOT_42				0x00000a00
#define NV_PMC_BOOT_42_ARCHITECTURE(v)		(((v) >> 24) & 0x3f)
#define NV_PMC_BOOT_42_IMPLEMENTATION(v)	(((v) >> 20) & 0xf)
/* architecture << 4 | implementation */
#define NV_PMC_BOOT_42_CHIP(v)			(((v) >> 20) & 0x3ff)

/* PTIMER: nanoseconds, low word in units of 32 ns */
#define NV_PTIMER_TIME_0			0x00009400
#define NV_PTIMER_TIME_1			0x00009410

/* PBUS: FWSEC leaves its verdict on FRTS in bits 31:16 */
#define NV_PBUS_SW_SCRATCH_0E			0x00001438
#define NV_PBUS_SW_SCRATCH_0E_FRTS_ERR(v)	(((v) >> 16) & 0xffff)

/* PFB */
#define NV_PFB_PRI_MMU_LOCAL_MEMORY_RANGE	0x00100ce0
#define NV_PFB_LMR_LOWER_SCALE(v)		((v) & 0xf)
#define NV_PFB_LMR_LOWER_MAG(v)			(((v) >> 4) & 0x3f)
#define NV_PFB_LMR_ECC				0x40000000
#define NV_PFB_PRI_MMU_WPR2_ADDR_LO		0x001fa824
#define NV_PFB_PRI_MMU_WPR2_ADDR_HI		0x001fa828
/* bits 31:4 of both hold bits 39:12 of the address */
#define NV_PFB_WPR2_ADDR(v)			((u64)((v) >> 4) << 12)
#define NV_PFB_WPR2_VAL(addr)			((u32)((addr) >> 12) << 4)

/* PGC6: power-on firmware (GFW) progress, usable framebuffer on GA102 and later */
#define NV_PGC6_AON_SECURE_SCRATCH_GROUP_05_PRIV_LEVEL_MASK	0x00118128
#define NV_PGC6_AON_SECURE_SCRATCH_GROUP_05_0_GFW_BOOT		0x00118234
#define NV_PGC6_GFW_BOOT_PROGRESS(v)		((v) & 0xff)
#define NV_PGC6_GFW_BOOT_PROGRESS_DONE		0xff
#define NV_USABLE_FB_SIZE_IN_MB			0x001183a4

/* Falcons: engine bases, then offsets from a base */
#define NV_PGSP_BASE				0x00110000
#define NV_PSEC2_BASE				0x00840000

#define NV_PFALCON_IRQSCLR			0x0004
#define NV_PFALCON_IRQSTAT			0x0008
#define NV_PFALCON_IRQ_HALT			0x00000010
#define NV_PFALCON_IRQ_SWGEN0			0x00000040
#define NV_PFALCON_MAILBOX0			0x0040
#define NV_PFALCON_MAILBOX1			0x0044
#define NV_PFALCON_OS				0x0080
#define NV_PFALCON_HWCFG2			0x00f4
#define NV_PFALCON_HWCFG2_RISCV			0x00000400
#define NV_PFALCON_HWCFG2_MEM_SCRUBBING		0x00001000
#define NV_PFALCON_HWCFG2_RESET_READY		0x80000000
#define NV_PFALCON_CPUCTL			0x0100
#define NV_PFALCON_CPUCTL_STARTCPU		0x00000002
#define NV_PFALCON_CPUCTL_HALTED		0x00000010
#define NV_PFALCON_BOOTVEC			0x0104
#define NV_PFALCON_DMACTL			0x010c
#define NV_PFALCON_DMATRFBASE			0x0110	/* address >> 8, low 32 bits */
#define NV_PFALCON_DMATRFMOFFS			0x0114	/* offset in IMEM or DMEM */
#define NV_PFALCON_DMATRFCMD			0x0118
#define NV_PFALCON_DMATRFCMD_IDLE		0x00000002
#define NV_PFALCON_DMATRFCMD_IMEM		0x00000010
#define NV_PFALCON_DMATRFCMD_SIZE_256B		0x00000600
#define NV_PFALCON_DMATRFFBOFFS			0x011c	/* added to the base */
#define NV_PFALCON_DMATRFBASE1			0x0128	/* address >> 40 */
#define NV_PFALCON_ENGINE			0x03c0
#define NV_PFALCON_ENGINE_RESET			0x00000001
#define NV_PFALCON_FBIF_TRANSCFG(i)		(0x0600 + 4 * (i))
#define NV_PFALCON_FBIF_TRANSCFG_COHERENT_SYSMEM	0x00000005	/* physical */
#define NV_PFALCON_FBIF_CTL			0x0624
#define NV_PFALCON_FBIF_CTL_ALLOW_PHYS_NO_CTX	0x00000080
#define NV_PFALCON_DMA_BYTES			256

/* RISC-V side of a falcon, at base + 0x1000 */
#define NV_PRISCV_OFFSET			0x1000
#define NV_PFALCON2_MOD_SEL			0x1180
#define NV_PFALCON2_MOD_SEL_RSA3K		0x00000001
#define NV_PFALCON2_BROM_CURR_UCODE_ID		0x1198
#define NV_PFALCON2_BROM_ENGIDMASK		0x119c
#define NV_PFALCON2_BROM_PARAADDR0		0x1210
#define NV_PRISCV_CORE_SWITCH_STATUS		0x1240	/* Turing, GA100 */
#define NV_PRISCV_CORE_SWITCH_STATUS_ACTIVE	0x00000001
#define NV_PRISCV_CPUCTL			0x1388	/* GA102 and later */
#define NV_PRISCV_CPUCTL_HALTED			0x00000001
#define NV_PRISCV_CPUCTL_ACTIVE			0x00000080
#define NV_PRISCV_BCR_CTRL			0x1668
#define NV_PRISCV_BCR_CTRL_VALID		0x00000001
#define NV_PRISCV_BCR_CTRL_CORE_SELECT_RISCV	0x00000010

/* GSP */
#define NV_PGSP_MAILBOX(i)			(0x00110804 + 4 * (i))
#define NV_PGSP_MAILBOXES			4
/* CrashCat: value of a scratch register that announces a report */
#define NV_CRASHCAT_SIGNATURE(v)		((v) & 0xffff)
#define NV_CRASHCAT_SIGNATURE_VALID		0xdead
#define NV_CRASHCAT_VERSION(v)			(((v) >> 16) & 0xf)
#define NV_CRASHCAT_VAL(version)		(NV_CRASHCAT_SIGNATURE_VALID | (u32)(version) << 16)
#define NV_PGSP_QUEUE_HEAD(i)			(0x00110c00 + 8 * (i))
#define NV_PGSP_QUEUE_HEADS			8

/* Value of GSP's falcon MAILBOX0 after UNLOADING_GUEST_DRIVER */
#define NOVA_GSP_UNLOADED			0x80000000

/* Read data of a register that does not exist */
#define NOVA_PRI_ERROR				0xbadf5040

/* Chips, as NV_PMC_BOOT_42_CHIP() gives them */
#define NOVA_CHIP_TU102				0x162
#define NOVA_CHIP_TU104				0x164
#define NOVA_CHIP_TU106				0x166
#define NOVA_CHIP_TU117				0x167
#define NOVA_CHIP_TU116				0x168
#define NOVA_CHIP_GA100				0x170
#define NOVA_CHIP_GA102				0x172
#define NOVA_CHIP_GA103				0x173
#define NOVA_CHIP_GA104				0x174
#define NOVA_CHIP_GA106				0x176
#define NOVA_CHIP_GA107				0x177
#define NOVA_CHIP_AD102				0x192
#define NOVA_CHIP_AD103				0x193
#define NOVA_CHIP_AD104				0x194
#define NOVA_CHIP_AD106				0x196
#define NOVA_CHIP_AD107				0x197

#endif /* NOVABPF_REGS_H */
