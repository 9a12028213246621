/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only file that knows kernel versions: one source serves 6.1 to 7.x.
 * Each block names the release that made the difference.
 */
#ifndef NOVABPF_COMPAT_H
#define NOVABPF_COMPAT_H

#include <linux/version.h>
#include <linux/export.h>
#include <linux/hrtimer.h>
#include <linux/stringify.h>

/* 6.12 moved the header of get_unaligned(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/*
 * 6.13 made the namespace of an exported symbol a string. Code of ours writes
 * it unquoted; quote it where the kernel no longer does.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define EXPORT_SYMBOL_NOVA(sym)	EXPORT_SYMBOL_NS_GPL(sym, "NOVABPF")
#define NOVA_IMPORT_NS()	MODULE_IMPORT_NS("NOVABPF")
#else
#define EXPORT_SYMBOL_NOVA(sym)	EXPORT_SYMBOL_NS_GPL(sym, NOVABPF)
#define NOVA_IMPORT_NS()	MODULE_IMPORT_NS(NOVABPF)
#endif

/* 6.4 dropped the owner argument of class_create(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define nova_class_create(name)	class_create(name)
#else
#define nova_class_create(name)	class_create(THIS_MODULE, name)
#endif

/* 6.13 brought hrtimer_setup(), 6.15 removed hrtimer_init(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define nova_hrtimer_setup(t, fn, clock, mode)	hrtimer_setup(t, fn, clock, mode)
#else
static inline void nova_hrtimer_setup(struct hrtimer *t,
				      enum hrtimer_restart (*fn)(struct hrtimer *),
				      clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(t, clock, mode);
	t->function = fn;
}
#endif

/*
 * 6.9 brought struct_ops of modules. NOVABPF_BPF is kmod/Kbuild's; a kernel without
 * BPF or without BTF of modules has no use for them.
 */
#if defined(NOVABPF_BPF) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0) && \
	defined(CONFIG_BPF_SYSCALL) && defined(CONFIG_BPF_JIT) && \
	defined(CONFIG_DEBUG_INFO_BTF_MODULES)
#define NOVA_HAVE_STRUCT_OPS
#endif

/*
 * 6.11 gave reg(), unreg() and update() of struct_ops the link. NOVA_LINK_PARAM
 * ends their lists of parameters; NOVA_LINK is the link, or NULL.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define NOVA_LINK_PARAM		, struct bpf_link *link
#define NOVA_LINK		link
#define NOVA_LINK_KNOWN		true
#else
#define NOVA_LINK_PARAM
#define NOVA_LINK		NULL
#define NOVA_LINK_KNOWN		false
#endif

/* 7.0 dropped KF_TRUSTED_ARGS: arguments of every kfunc must be trusted. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define NOVA_KF_TRUSTED_ARGS	0
#else
#define NOVA_KF_TRUSTED_ARGS	KF_TRUSTED_ARGS
#endif

/* 6.11 let the kernel detach a link. A file that uses these includes linux/bpf.h. */
#if defined(NOVA_HAVE_STRUCT_OPS) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define nova_link_get(link)	bpf_link_inc_not_zero(link)
#define nova_link_detach(link)	((void)((link)->ops->detach && (link)->ops->detach(link)))
#else
#define nova_link_get(link)	ERR_PTR(-EOPNOTSUPP)
#define nova_link_detach(link)	((void)(link))
#endif

/* 6.8 dropped the count of eventfd_signal(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define nova_eventfd_signal(ctx)	eventfd_signal(ctx)
#else
#define nova_eventfd_signal(ctx)	eventfd_signal(ctx, 1)
#endif

/* 6.3 wants flags of a mapping set by function. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define nova_vm_flags_set(vma, flags)	vm_flags_set(vma, flags)
#else
#define nova_vm_flags_set(vma, flags)	((vma)->vm_flags |= (flags))
#endif

/* 6.2 brought iommufd, and VFIO frees its devices. For a file that includes linux/vfio.h. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define nova_vfio_free_device(vdev)	((void)(vdev))
#define NOVA_VFIO_IOMMUFD_OPS	.bind_iommufd = vfio_iommufd_emulated_bind,	\
				.unbind_iommufd = vfio_iommufd_emulated_unbind,	\
				.attach_ioas = vfio_iommufd_emulated_attach_ioas,	\
				NOVA_VFIO_DETACH_OPS
#else
#define nova_vfio_free_device(vdev)	vfio_free_device(vdev)
#define NOVA_VFIO_IOMMUFD_OPS
#endif
/* 6.6 brought detach_ioas(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#define NOVA_VFIO_DETACH_OPS	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
#else
#define NOVA_VFIO_DETACH_OPS
#endif
/* 6.19 asks for regions by an operation of their own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#define NOVA_VFIO_REGION_OPS(fn)	.get_region_info_caps = (fn),
#else
#define NOVA_VFIO_REGION_OPS(fn)
#endif

/* 6.2 brought iommufd: whether memory of the user is had by it. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0) && IS_ENABLED(CONFIG_IOMMUFD)
#define nova_vfio_by_iommufd(vdev)	(!!(vdev)->iommufd_access)
#else
#define nova_vfio_by_iommufd(vdev)	((void)(vdev), false)
#endif

/* A kernel without VFIO for PCI devices may lack it; then INTx is unmasked by ioctl only. */
#if IS_REACHABLE(CONFIG_VFIO_VIRQFD)
#define nova_virqfd_enable(opaque, thread, at, fd)	\
	vfio_virqfd_enable(opaque, NULL, thread, NULL, at, fd)
#define nova_virqfd_disable(at)	vfio_virqfd_disable(at)
#else
#define nova_virqfd_enable(opaque, thread, at, fd)	((void)(thread), -ENOTTY)
#define nova_virqfd_disable(at)	((void)(at))
#endif

#endif /* NOVABPF_COMPAT_H */
