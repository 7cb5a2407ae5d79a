# Completions of up-tray for bash.
_up_tray() {
    case "${COMP_WORDS[COMP_CWORD - 1]}" in
        --autostart) COMPREPLY=($(compgen -W "on off status" -- "${COMP_WORDS[COMP_CWORD]}")) ;;
        -c | --log-file) COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")) ;;
        *)
            COMPREPLY=($(compgen -W "-c --log-file --panel --autostart --at-login -h --help -V --version" \
                -- "${COMP_WORDS[COMP_CWORD]}"))
            ;;
    esac
}
complete -o filenames -F _up_tray up-tray
