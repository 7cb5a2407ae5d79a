#compdef up-tray
_arguments \
    '-c[the configuration]:file:_files' \
    '--log-file[log into this file]:file:_files' \
    '--panel[open the panel at start]' \
    '--autostart[start Up whenever you log in]:choice:(on off status)' \
    '--at-login[your login starts this]' \
    '(- *)'{-h,--help}'[print help]' \
    '(- *)'{-V,--version}'[print the version]'
