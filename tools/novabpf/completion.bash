# SPDX-License-Identifier: GPL-2.0-only
#
# bash completion for novabpf(8)
#
# Words are those of "novabpf help"; a unit test keeps the two in step. GPUs are
# those that are present.

_novabpf_gpus()
{
	local dir

	for dir in "${NOVABPF_ROOT:-}"/sys/class/novabpf/gpu[0-9]*; do
		[ -e "$dir" ] && echo "${dir##*/}"
	done
}

_novabpf_mixes()
{
	local tool dir file

	tool=$(command -v novabpf) || return
	for dir in "${tool%/*}"/../share/novabpf/load "${tool%/*}"/../tools/load; do
		for file in "$dir"/*.load; do
			[ -e "$file" ] && basename "$file" .load
		done
	done
}

_novabpf_profiles()
{
	local tool dir file

	tool=$(command -v novabpf) || return
	for dir in "${tool%/*}"/../share/novabpf/inject "${tool%/*}"/../tools/inject; do
		for file in "$dir"/*.rules; do
			[ -e "$file" ] && basename "$file" .rules
		done
	done
}

_novabpf()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local global="-j --json -p --pretty -h --help -V --version"
	local object="" verb="" words="" options="" i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*) ;;
		*)
			if [ -z "$object" ]; then
				object=${COMP_WORDS[i]}
			elif [ -z "$verb" ]; then
				verb=${COMP_WORDS[i]}
			fi
			;;
		esac
	done

	case $prev in
	-o | --output | --svg | --perfetto | --save | --from | --segments)
		compopt -o default
		COMPREPLY=()
		return
		;;
	--gpu)
		# shellcheck disable=SC2207 # the words hold no blanks
		COMPREPLY=($(compgen -W "$(_novabpf_gpus)" -- "$cur"))
		return
		;;
	--function | --cmd | --source | --speed | --last | --slower | --interval | --count | --seconds | --seed | --seeds | --duration | --warmup | --set | --name | --gfid | --weight | \
	--cap | --hook | --priority | --period | --budget | --tsgs | --vm-pid | --count)
		COMPREPLY=()
		return
		;;
	--by)
		# shellcheck disable=SC2207 # the words hold no blanks
		COMPREPLY=($(compgen -W "vgpu call" -- "$cur"))
		return
		;;
	--policy)
		compopt -o default 2>/dev/null
		# shellcheck disable=SC2207 # the words hold no blanks
		COMPREPLY=($(compgen -W "best-effort equal-share fixed-share" -- "$cur"))
		return
		;;
	esac

	case "$object $verb" in
	"load ")
		compopt -o default 2>/dev/null
		words=$(_novabpf_mixes)
		options="--gpu --policy --seed --seeds --duration --warmup --csv --segments --keep"
		options="$options --dry-run --from"
		;;
	" " | "help ")
		words="gpu vgpu gsp trace top record replay load rpc inject"
		words+=" attach replace detach status list sched"
		words+=" new doctor help version"
		;;
	"gpu ") words="list show recover help" ;;
	"vgpu ") words="types list show create set destroy help" ;;
	"vgpu create")
		words=$(_novabpf_gpus)
		options="--name --gfid --weight --cap --priority --period --budget --tsgs --vm-pid"
		options="$options --count"
		;;
	"vgpu set") words="$(_novabpf_gpus) weight= cap_pct= priority= period_us= budget_us=" ;;
	"vgpu destroy") words="$(_novabpf_gpus) all" ;;
	"vgpu types" | "vgpu list" | "vgpu show") words=$(_novabpf_gpus) ;;
	"gsp ") words="history queues report help" ;;
	"trace ") words="sched rpc help" ;;
	"sched ") words="show set reset help" ;;
	"new ") words="policy hook help" ;;
	"inject ") words="add list del clear run release profiles help" ;;
	"inject run")
		compopt -o default 2>/dev/null
		words=$(_novabpf_profiles)
		options="--gpu --gfid"
		;;
	"inject release")
		words="all"
		options="--gpu"
		;;
	"inject add")
		words="function= event= op= cmd= gfid= phase= field: size nth= every= ppm= after= for="
		words+=" once-per= times= seed= action= status= errno= time= count= bytes= set= xor="
		words+=" send= fault="
		options="--gpu --file"
		;;
	"inject "*) options="--gpu" ;;
	"attach "*)
		compopt -o default 2>/dev/null
		options="--gpu --set --gfid --priority --replace --no-pin -d --debug"
		;;
	"replace "*)
		compopt -o default 2>/dev/null
		options="--gpu --set --gfid --priority -d --debug"
		;;
	"detach "*)
		words=$(_novabpf_gpus)
		options="--hook"
		;;
	"status "* | "sched show" | "sched reset") words=$(_novabpf_gpus) ;;
	"sched set")
		words="$(_novabpf_gpus) arr=0 arr=1 builtin=best-effort builtin=equal-share
			builtin=fixed-share arr_frequency_hz= arr_avg_factor= slice_us="
		;;
	"gpu show" | "gpu recover") words=$(_novabpf_gpus) ;;
	"gsp history")
		words=$(_novabpf_gpus)
		options="--last --failed --slower"
		;;
	"gsp report")
		words=$(_novabpf_gpus)
		options="--list --id --clear"
		;;
	"gsp queues")
		words=$(_novabpf_gpus)
		options="-o --output"
		;;
	"top "*)
		words=$(_novabpf_gpus)
		options="--interval --count --once"
		;;
	"rpc ") words="lat slow firewall allow deny forget limits limit help" ;;
	"rpc lat")
		words=$(_novabpf_gpus)
		options="--by --hist"
		;;
	"rpc slow")
		words=$(_novabpf_gpus)
		options="--last"
		;;
	"rpc firewall")
		words=$(_novabpf_gpus)
		options="--events"
		;;
	"rpc limits") words=$(_novabpf_gpus) ;;
	"rpc allow" | "rpc deny" | "rpc forget")
		words="$(_novabpf_gpus) host any control= class= GSP_RM_ALLOC GSP_RM_CONTROL"
		;;
	"rpc limit") words="$(_novabpf_gpus) host" ;;
	"trace rpc")
		options="--gpu --gfid --function --cmd --failed --slower --payload --seconds --from"
		;;
	"record "*)
		compopt -o default 2>/dev/null
		options="--gpu --whole --seconds"
		;;
	"replay "*)
		compopt -o default 2>/dev/null
		options="--gpu --source --speed --as-fast"
		;;
	"trace sched") options="--gpu --seconds --svg --perfetto --csv --save --from" ;;
	esac
	[[ $cur == -* ]] && words="$options $global"
	# shellcheck disable=SC2207 # the words hold no blanks
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

complete -F _novabpf novabpf
