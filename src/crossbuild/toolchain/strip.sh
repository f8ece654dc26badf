# strip, for a toolchain without one: what is not stripped is larger, and no worse. What it should write it copies.
output= value=
for argument do
    case $value$argument in
        output*) value= output=$argument ;;
        skip*) value= ;;
        -o) value=output ;;
        -[FIKNOR]) value=skip ;;
        -o?*) output=${argument#-o} ;;
        --output-file=*) output=${argument#*=} ;;
        -*) ;;
        *) input=$argument ;;
    esac
done
[ -z "$output" ] || exec cp -- "$input" "$output"
